//! What an operator types: starting, checking, keeping safe. Commands that look (`verify`, `backup`, `doctor`) read one
//! moment beside a running server; those that write a SQLite file take the server's lock.
pub mod api_key;
pub mod backup;
pub mod catalogs;
pub mod cfdi;
pub mod csd;
pub mod database;
pub mod doctor;
pub mod jobs;
pub mod master_key;
pub mod retention;
pub mod sandbox;
pub mod serve;
pub mod staff;
pub mod start;
pub mod till_key;
pub mod verify;
pub mod watch;
