//! The page of shoppers and customers.

fn main() {
    web::start();
}
