"""Are the tests able to fail? Changes the judging code in small ways, and counts how many go unnoticed."""
