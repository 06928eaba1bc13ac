"""NetSuite as a back office, over its REST record service and SuiteQL."""
