"""One SKU, two locations, three warehouses: a shop, a back office and their people, in memory and step by step.

The deciding is the engine's own (`order_at_cell`, `decide`, `agreed`, `written`, `remedy`, `movements`, `next_step`);
only the remotes, the store and the passing of time are played here.
"""
