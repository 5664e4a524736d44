"""The pages of the rules: list, form, draft and history, one order tried."""
