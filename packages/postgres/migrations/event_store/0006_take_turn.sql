-- Batches are sent without waiting for the one before. One that was refused is sent again in parts, so what was sent after it must not
-- overtake it: each batch says which it follows, and is refused if that has not been stored. The number lives in the session, and is set
-- back if the batch's transaction fails.
create function kiroku.take_turn(after bigint, turn bigint) returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
  if coalesce(nullif(current_setting('kiroku.turn', true), ''), '0')::bigint <> after then
    raise exception 'the batch before this one was refused, so this one was not looked at' using errcode = 'KR006';
  end if;
  perform set_config('kiroku.turn', turn::text, false);
end
$function$;

revoke execute on function kiroku.take_turn from public;
grant execute on function kiroku.take_turn to kiroku_service;
