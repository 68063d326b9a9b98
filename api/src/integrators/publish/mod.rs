//! Documents made elsewhere, from the issuer's own systems: published under their ids, and withdrawn. What is asked of
//! them and what becomes of them is the documents' own room; this one only takes the file in.
pub mod routes;
