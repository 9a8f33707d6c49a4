-- Notes what keeps the owner of epoch $2 from delivering, or that nothing does ($3 null); the time is that of the first. Served by consumers_pkey.
update kiroku.consumers
set
  fault_code = $3::text,
  fault_error = $4::text,
  fault_since = case
    when $3::text is null then null
    when fault_epoch = $2 and fault_since is not null then fault_since
    else clock_timestamp()
  end,
  fault_epoch = $2
where id = $1 and epoch = $2
