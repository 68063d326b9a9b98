//! The pages of a guest with a paper ticket.

fn main() {
    web::start();
}
