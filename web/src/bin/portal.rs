//! The pages of a customer who signs in.

fn main() {
    web::portal::start();
}
