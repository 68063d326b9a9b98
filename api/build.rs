//! Makes a fresh clone compile: `main.rs` embeds `dist/web.bundle`, which only exists once the web app is built.
//! An empty one stands in; the server then says that it was built without the portal.
//!
//! The bundle itself is not watched here: that would recompile the whole library at each new WASM, where a relink of
//! the binary is enough (rustc already tracks what `include_bytes!` reads).
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::SystemTime;

fn main() -> io::Result<()> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist");
    fs::create_dir_all(&dist)?;
    let bundle = dist.join("web.bundle");
    if !bundle.exists() {
        File::create(&bundle)?;
    }
    // Deleting `dist` deletes this file too, and that brings us back here. Its old date keeps cargo from taking the
    // file made by this very run for a change.
    let marker = dist.join(".keep");
    if !marker.exists() {
        File::create(&marker)?.set_modified(SystemTime::UNIX_EPOCH)?;
    }
    for watched in ["build.rs", "../migrations", "../dist/.keep"] {
        println!("cargo:rerun-if-changed={watched}");
    }
    Ok(())
}
