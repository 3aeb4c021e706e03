"""What a store has of an item: a ledger by lot that is balanced and never negative."""
