-- Who was sent login details at all: read from this index alone, which Coverage does for every logon that never signed in.
create index credential_mails_accepted on credential_mails (logon_id) where state = 'accepted';
