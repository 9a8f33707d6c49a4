-- Records what an operator is about to do.
insert into kiroku.operator_actions (id, operator, verb, arguments, reason, before, correlation_id, source)
values ($1, $2, $3, $4::json, $5, $6::json, $7, $8)
