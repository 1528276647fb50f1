"""Workbooks and tables as they are written: for people who open them, and for us who read them again."""
