export interface Vendor {
  readonly id: string;
  readonly name: string;
  readonly iban: string;
  readonly status: 'active' | 'inactive';
  /** Whether somebody has compared the bank details with the vendor. */
  readonly verified: boolean;
}

/** Whom the company buys from. The IBANs have valid check digits and belong to nobody. */
export const VENDORS: readonly Vendor[] = [
  { id: 'globex', name: 'Globex Corporation', iban: 'DE89370400440532013000', status: 'active', verified: true },
  { id: 'initech', name: 'Initech GmbH', iban: 'NL91ABNA0417164300', status: 'active', verified: true },
  { id: 'vandelay', name: 'Vandelay Imports BV', iban: 'BE68539007547034', status: 'active', verified: true },
  { id: 'acme', name: 'Acme Werke AG', iban: 'AT611904300234573201', status: 'active', verified: true },
  { id: 'vulcan', name: 'Vulcan Forge A/S', iban: 'DK5000400440116243', status: 'active', verified: true },
  { id: 'tyrell', name: 'Tyrell Optics SpA', iban: 'IT60X0542811101000000123456', status: 'active', verified: true },
  { id: 'hooli', name: 'Hooli Ltd', iban: 'GB29NWBK60161331926819', status: 'active', verified: false },
  { id: 'umbrella', name: 'Umbrella SA', iban: 'FR1420041010050500013M02606', status: 'inactive', verified: true },
  { id: 'soylent', name: 'Soylent Foods AB', iban: 'SE4550000000058398257466', status: 'inactive', verified: true },
];
