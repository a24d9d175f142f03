-- Work that outlives a request: the task that an admin started, its items, and its files.

create table tasks (
  id bigint generated always as identity primary key,
  kind text not null check (kind ~ '^[a-z][a-z ]+$'),
  title text not null check (char_length(title) between 1 and 300),
  admin_id bigint references admins on delete set null,
  state text not null default 'queued' check (state in ('queued', 'running', 'needs review', 'done', 'failed', 'cancelled')),
  -- What it is doing now, as "reading" or "importing", and how far it is.
  step text,
  total integer check (total >= 0),
  done integer not null default 0 check (done >= 0),
  -- Counts and choices that its kind knows; never a secret.
  facts jsonb not null default '{}',
  -- Why it failed, as { code, ... }: the sentence is written where it is shown.
  failure jsonb,
  -- Counts the claims: a worker that was thought dead and comes back writes with an old number and is refused.
  claim integer not null default 0,
  cancel_asked_at timestamptz,
  -- The queue's job that works on it.
  job_id uuid,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  dismissed_at timestamptz,
  request_id text,
  check ((state in ('done', 'failed', 'cancelled')) = (finished_at is not null)),
  check ((state = 'failed') = (failure is not null))
);
create index tasks_alerts on tasks (admin_id, id desc) where dismissed_at is null;
create index tasks_unfinished on tasks (id) where state in ('queued', 'running');

create table task_items (
  task_id bigint not null references tasks on delete cascade,
  -- For a row of a workbook: its number as Excel counts.
  position integer not null check (position > 0),
  class text not null check (class in ('create', 'update', 'link', 'unchanged', 'restore', 'blocked', 'error')),
  state text not null default 'planned' check (state in ('planned', 'done', 'left out', 'failed')),
  logon_id bigint references logons on delete set null,
  -- The row as it was read, a password never among it, and what is to become of it.
  input jsonb not null,
  plan jsonb not null default '{}',
  -- What is wrong or worth knowing, as [{ field, code, ... }].
  problems jsonb not null default '[]',
  primary key (task_id, position)
);
create index task_items_by_class on task_items (task_id, class, position);
create index task_items_by_logon on task_items (logon_id) where logon_id is not null;

create table files (
  id bigint generated always as identity primary key,
  task_id bigint not null references tasks on delete cascade,
  purpose text not null check (purpose in ('upload', 'result')),
  name text not null check (char_length(name) between 1 and 255),
  media_type text not null,
  size bigint not null check (size >= 0),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  unique (task_id, purpose)
);
create index files_by_expiry on files (expires_at);

-- In pieces, so that any web node can serve a large file without holding it.
create table file_chunks (
  file_id bigint not null references files on delete cascade,
  position integer not null check (position >= 0),
  bytes bytea not null check (octet_length(bytes) between 1 and 1048576),
  primary key (file_id, position)
);

-- An upload may hold passwords: it goes the moment its task is over, however that came about.
create function delete_upload() returns trigger language plpgsql as $$
begin
  delete from files where task_id = new.id and purpose = 'upload';
  return null;
end $$;
create trigger upload_over after update of finished_at on tasks
  for each row when (new.finished_at is not null and old.finished_at is null) execute function delete_upload();
