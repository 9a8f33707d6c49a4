-- Keeps a report; the same again does nothing. Served by safety_reports_pkey.
insert into kiroku.safety_reports (kind, id, at, succeeded, report)
values ($1, $2, coalesce($3::timestamptz, clock_timestamp()), $4, $5)
on conflict (kind, id) do nothing
