// Package names says who sits where.
package names

// At is who sits at a desk.
func At(desk string) string {
	return "nobody at " + desk
}
