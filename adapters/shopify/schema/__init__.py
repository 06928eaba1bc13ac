"""The part of the Admin API schema that the project carries."""
