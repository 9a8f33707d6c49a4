-- Says which positions the copies of this folder read: COPY takes no parameters.
select set_config('kiroku.verify_after', $1, false), set_config('kiroku.verify_until', $2, false)
