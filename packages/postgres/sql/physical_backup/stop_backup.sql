-- Ends a backup; what it needs of the write-ahead log is whole now, and kept by the connection's slot, not by the archive.
select lsn::text as stop_lsn, labelfile as label, spcmapfile as tablespaces, clock_timestamp()::text as stopped_at
from pg_backup_stop(wait_for_archive => false)
