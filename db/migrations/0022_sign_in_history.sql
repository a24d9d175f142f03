-- What the sign-in history asks for: what went wrong, newest first, and from where.

create index sign_ins_failures on sign_ins (at desc, id desc) include (ip, logon_id)
  where outcome not in ('success', 'waiting for code');
