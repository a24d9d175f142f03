-- The undo of an import: once for each, who did it, and what became of every logon that the import had written.

create table import_undos (
  task_id bigint primary key references tasks on delete cascade,
  admin_id bigint references admins on delete set null,
  -- That person's name as it was.
  who text not null,
  undone_at timestamptz not null,
  deleted integer not null default 0 check (deleted >= 0),
  put_back integer not null default 0 check (put_back >= 0),
  links integer not null default 0 check (links >= 0),
  refused integer not null default 0 check (refused >= 0)
);

-- What the undo did with the row's logon, or why it could not; null where nothing was undone.
alter table task_items add column undo text
  check (undo in ('delete', 'put back', 'unlink', 'gone', 'signed in', 'mailed', 'changed', 'password', 'blocked'));
