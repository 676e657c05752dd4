"""How much: the methods that divide an amount among the selected members, exact to the fen."""
