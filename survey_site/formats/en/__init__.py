"""English as used on this site: dates stay day first, as in every document of the country."""
