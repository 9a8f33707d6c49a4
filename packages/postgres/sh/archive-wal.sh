#!/bin/sh
# Run by PostgreSQL as its archive_command, with the name of a segment. Whoever keeps the write-ahead log reads the segment in pg_wal and, once it is
# durable in the repository, leaves a file of its name in the directory "archived" beside this script; one that ends in .under-way while it is at it.
# Succeeds only then: PostgreSQL keeps the segment until it does. Waits 3 s for somebody to begin, and 60 s for them to end.
archived="$(dirname "$0")/archived/$1"
tenths=0
until test -e "$archived"; do
  tenths=$((tenths + 1))
  if test $tenths -ge 600; then exit 1; fi
  if test $tenths -ge 30 && ! test -e "$archived.under-way"; then exit 1; fi
  sleep 0.1
done
