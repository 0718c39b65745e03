"""Arithmetic of this floor: pure functions, no database."""


def about(number: int) -> str:
    """53 → “50余”, as offices write it. Display only: what is stored and counted is the exact number."""
    tens = number - number % 10
    return f"{tens}余" if tens and number > tens else str(number)
