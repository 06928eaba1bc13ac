"""`trueup order`: one order, its proof, and asking for it again."""
