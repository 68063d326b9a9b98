//! The pages that make an account and keep it.

fn main() {
    web::account::start();
}
