-- Has those who share out consumers do it one after the other, and not while one is changed. Few rows; served by consumers_pkey.
select id from kiroku.consumers order by id for no key update
