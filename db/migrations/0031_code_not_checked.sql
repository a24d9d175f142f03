-- A code that could not be compared, since the secret was sealed under another server key, is not a wrong one.
alter table sign_ins drop constraint sign_ins_outcome_check;
-- Older nodes: they write outcomes of the list before, and all of those are in this one.
alter table sign_ins add constraint sign_ins_outcome_check check (outcome in (
  'success', 'unknown username', 'wrong password', 'no password', 'password expired', 'suspended', 'expired', 'deleted', 'waiting',
  'waiting for code', 'wrong code', 'code not checked', 'passkey refused'
));
