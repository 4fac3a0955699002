"""Whether two targets answer as the same model would: what they are asked, the tests, and the result.

The method is a two-sample test. Both sides are asked the same prompts at temperature 1, and what is compared
is the distribution of their answers, with a stated rate of false alarms. It says that two services answer
differently, never why: another model, other weights, another prompt or other settings can be the reason.
"""
