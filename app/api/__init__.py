"""HTTP in and out. No SQL, no judgement."""
