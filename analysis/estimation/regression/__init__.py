"""Linear, logistic and Poisson regression, from the formula to the coefficients."""
