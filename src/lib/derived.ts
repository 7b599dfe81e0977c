/** What is made of objects that never change: once of each, for as long as the object is there. */
export class Derived<From extends object, To> {
  private readonly made = new WeakMap<From, To>();

  constructor(private readonly make: (from: From) => To) {}

  of(from: From): To {
    const known = this.made.get(from);
    if (known !== undefined) return known;
    const made = this.make(from);
    this.made.set(from, made);
    return made;
  }
}
