-- Removes commands that are older than they are kept.
select kiroku.prune_command_audit()
