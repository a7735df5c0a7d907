"""How much leaks? Redaction judged by the meter, over real clips and over staged crossings whose truth is known."""
