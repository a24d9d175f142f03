-- By which request a notice came to be: its lines in the log are found from the page's.

alter table notices add column request_id text;
