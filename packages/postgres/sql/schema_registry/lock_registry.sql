-- One registration at a time. Held to the end of the transaction.
select pg_advisory_xact_lock(hashtextextended('kiroku.event_schemas', 0))
