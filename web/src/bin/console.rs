//! The pages of the people who work for an issuer.

fn main() {
    web::console::start();
}
