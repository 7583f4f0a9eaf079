module example.com/acme/desk

go 1.24
