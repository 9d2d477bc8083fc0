CREATE TABLE invoices (id INTEGER PRIMARY KEY, cents INTEGER NOT NULL, paid INTEGER NOT NULL DEFAULT 0);
INSERT INTO invoices (id, cents) VALUES (1, 12000), (2, 990);
-- A table that begins as a plugin might hope to begin one.
CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT NOT NULL);
INSERT INTO customers (id, email) VALUES (1, 'ada@shop.dev');
