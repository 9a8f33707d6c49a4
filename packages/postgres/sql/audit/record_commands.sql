-- Adds commands to the audit, chained, in one go.
select kiroku.audit_commands($1::json)
