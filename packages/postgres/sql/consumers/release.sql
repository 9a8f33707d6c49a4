-- Gives up the consumer $1, if epoch $2 still holds it. Served by consumers_pkey.
update kiroku.consumers set owner = null, leased_until = null where id = $1 and epoch = $2
