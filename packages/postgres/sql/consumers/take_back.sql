-- Takes a consumer from its owner, who then sees what was changed. Served by consumers_pkey.
update kiroku.consumers set epoch = epoch + 1, owner = null, leased_until = null where id = $1
