module example.com/acme/names

go 1.24
