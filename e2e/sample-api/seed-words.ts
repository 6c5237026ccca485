// What the seed is made of.

export const FIRST_NAMES = (
  'Ada Bilal Carmen Dmitri Esther Farid Greta Hiro Ines Jonas Keiko Lars Maya Nikhil Olga Pedro ' +
  'Quynh Rosa Stefan Tomas Uma Viktor Wanda Xavier Yara Zoe Amir Beatriz Chidi Dana Emil Fatima ' +
  'Goran Hana Ivo Jana Kwame Lena Marco Nora Omar Petra Ravi Sofia Tariq Ulla Vera Wei Ximena ' +
  'Yusuf Zara Anton Bianca Cyril Daria Enzo Freya Gustav Helena Igor'
).split(' ')

export const LAST_NAMES = (
  'Lindqvist Okafor Tanaka Novak Silva Haddad Bergmann Castillo Dubois Eriksen Ferrari Gupta ' +
  'Horvat Ivanova Jansen Kowalski Larsen Moreau Nguyen Osei Petrov Quintero Rossi Schneider Torres ' +
  'Ueda Varga Weber Yilmaz Zimmer Verhoeven'
).split(' ')

export const TEAMS = [
  ['Motion', 'How the arms move, and how they stop.'],
  ['Look and Feel', 'Consoles, lamps and sounds.'],
  ['Roadmap', 'What is built next, and why.'],
  ['Field Support', 'On site when a robot is not well.'],
  ['Partners', 'Customers, from the first call to the contract.'],
  ['Ledger', 'Invoices, budgets and taxes.'],
  ['Perception', 'What the robots see.'],
  ['Plant', 'The workshop, its parts and its machines.'],
] as const

/** In the order of the teams. */
export const DEPARTMENTS = [
  ['engineering', 'Motion Engineer'],
  ['design', 'Product Designer'],
  ['product', 'Product Manager'],
  ['support', 'Support Engineer'],
  ['sales', 'Account Manager'],
  ['finance', 'Accountant'],
  ['engineering', 'Vision Engineer'],
  ['operations', 'Plant Technician'],
] as const

export const OFFICES = [
  { city: 'Berlin', country: 'DE' },
  { city: 'Lisbon', country: 'PT' },
  { city: 'Nairobi', country: 'KE' },
  { city: 'Osaka', country: 'JP' },
  { city: 'Montréal', country: 'CA' },
]

export const PROJECTS = [
  ['ARM', 'Arm 4', 'The fourth generation of the arm: lighter, and quiet enough for an office.', 'active'],
  ['GRIP', 'Soft gripper', 'Fingers that hold an egg and a toolbox alike.', 'active'],
  ['EYE', 'Stereo eye', 'Depth without lasers.', 'active'],
  ['DOCK', 'Charging dock', 'Robots that find their own socket.', 'on_hold'],
  ['FLEET', 'Fleet console', 'One page that shows every robot of a customer.', 'active'],
  ['SAFE', 'Safety certificate', 'ISO 10218 for everything that is sold.', 'active'],
  ['POLAR', 'Cold store pilot', 'Arms that work at minus thirty degrees.', 'active'],
  ['OTA', 'Updates over the air', 'New firmware without a visit.', 'done'],
  ['SIM', 'Simulator', 'Try a shift before it is worked.', 'active'],
  ['PARTS', 'Parts shop', 'Customers order spare parts themselves.', 'done'],
  ['VOICE', 'Voice commands', 'Stop means stop, in eleven languages.', 'planned'],
  ['GREEN', 'Second life', 'Old arms, refurbished and leased again.', 'planned'],
] as const

export const CUSTOMERS = [
  { name: 'Polar Logistics', email: 'accounts@polar-logistics.example', vat_number: 'DE811907980' },
  { name: 'Harbour & Sons', email: 'billing@harbour-sons.example', vat_number: 'GB980780684' },
  { name: 'Bakkerij Zon', email: 'administratie@bakkerij-zon.example', vat_number: 'NL001234567B01' },
  { name: 'Kilimo Fresh', email: 'finance@kilimo-fresh.example', vat_number: null },
  { name: 'Maple Print Co.', email: 'ap@maple-print.example', vat_number: null },
  { name: 'Oficina Tejo', email: 'contas@oficina-tejo.example', vat_number: 'PT501964843' },
  { name: 'Sakura Optics', email: 'keiri@sakura-optics.example', vat_number: null },
  { name: 'Alpenmilch AG', email: 'buchhaltung@alpenmilch.example', vat_number: 'DE136695976' },
]

/** Title, body, labels. */
export const SYMPTOMS = [
  ['Gripper drops wet boxes', 'After cleaning, boxes slip on the way to the belt.', 'hardware', 'customer'],
  ['Arm hesitates before the third waypoint', 'A pause of about 300 ms, always at the same place.', 'motion'],
  ['Emergency stop takes too long', 'Measured 180 ms on the bench; the limit is 150 ms.', 'safety', 'hardware'],
  ['Camera loses calibration in the cold', 'Below minus twenty the stereo pair drifts apart.', 'vision'],
  ['Console shows a robot as offline while it works', 'The heartbeat arrives, the page does not notice.', 'console'],
  ['Update fails on slow connections', 'The download starts again from zero after each break.', 'firmware', 'customer'],
  ['Invoice names the wrong address', 'The old address of the customer is printed.', 'billing', 'customer'],
  ['Charging stops at ninety percent', 'Dock firmware reports a full battery too early.', 'hardware', 'firmware'],
  ['Add Portuguese to the voice menu', 'Asked for by three customers.', 'feature', 'customer'],
  ['Simulator ignores friction of rubber mats', 'Objects slide further than they should.', 'simulation'],
  ['Spare part list is out of date', 'The list still shows the gripper of arm 3.', 'documentation'],
  ['Torque sensor reports negative values', 'Seen once a day, for one sample only.', 'hardware', 'regression'],
  [
    'Export of shifts is missing the night shift',
    'Shifts that cross midnight are not in the file.',
    'console',
    'regression',
  ],
  ['Robot greets people twice', 'It says hello again when somebody turns around.', 'vision', 'feature'],
  ['Cable wears out at joint five', 'Two cables broke after 400 hours.', 'hardware', 'safety'],
  ['Search in the parts shop is slow', 'Ten seconds for a word that is not in any name.', 'performance'],
] as const

export const REMARKS = [
  'Reproduced on the test bench.',
  'Could not reproduce it with the newest firmware.',
  'The customer sent a video; see the attachment.',
  'This is the third report this month.',
  'Waiting for parts, they should arrive on Thursday.',
  'Fixed in the branch, needs a review.',
  'Let us raise the priority, it affects the pilot.',
  'Measured again after the change: well below the limit.',
  'Is this still happening? Otherwise I would close it.',
  'Talked to the plant; they will try it on line 4 tonight.',
]
