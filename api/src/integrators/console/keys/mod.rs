//! Keys of the API in the console.
pub mod routes;
