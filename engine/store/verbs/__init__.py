"""Everything that changes the store, by subject; each verb is one step inside the writer's transaction."""
