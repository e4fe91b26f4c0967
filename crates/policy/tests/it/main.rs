//! The gate from the outside: what a form becomes, what is refused, and that Cedar and plain Rust say the same.

#[cfg(test)]
mod agree;
#[cfg(test)]
mod form;
#[cfg(test)]
mod made;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod simulate;
#[cfg(test)]
mod text;
