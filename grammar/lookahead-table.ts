// Generated from grammar/parser.ts by `npm run generate`.

/**
 * By the number that chevrotain gives each place where the parser has a choice: the tokens with which what is optional
 * begins, or each alternative. A token together with the one behind it, `Name+Colon`, goes before `Name`.
 */
export const lookaheadTable = new Map<number, string | readonly string[]>([
  [1049344, 'DeclarationWord Terminator'], // file: MANY
  [1053184, 'DeclarationWord'], // declarationLine: OPTION
  [1057024, ['Language', 'Import', 'Labels', 'Block Loss', 'Model', 'Train']], // declaration: OR
  [1065737, 'Comma'], // importDecl: MANY9
  [1065472, 'Name'], // importDecl: OPTION
  [1065481, 'Comma'], // importDecl: OPTION9
  [1069568, 'As'], // importedName: OPTION
  [1077504, ['Block', 'Loss']], // blockDecl: OR
  [1077760, 'Where'], // blockDecl: OPTION
  [1081856, 'LParen'], // modelDecl: OPTION
  [1081857, 'Where'], // modelDecl: OPTION1
  [1086208, 'Name LParen Terminator'], // trainDecl: MANY
  [1090048, 'Name LParen'], // trainLine: OPTION
  [1093888, ['Target+Name Weight+Name', 'LParen Name+Equals', 'Name+PrefixOperator Name+String Name+Number Name+False Name+True Name+Range Name+LParen Name+LSquare DeclarationWord+Name Output+Name Where+Name Param+Name Input+Name From+Name As+Name In+Name Identifier+Name']], // trainItem: OR
  [1097984, ['Target', 'Weight']], // trainTensor: OR
  [1106697, 'Comma'], // hypers: MANY9
  [1106432, 'Name'], // hypers: OPTION
  [1106441, 'Comma'], // hypers: OPTION9
  [1110528, 'Equals'], // hyper: OPTION
  [1114368, ['Block+LParen', 'LSquare', 'Name']], // hyperType: OR
  [1123081, 'Comma'], // blockType: MANY9
  [1122816, 'Name LSquare'], // blockType: OPTION
  [1122825, 'Comma'], // blockType: OPTION9
  [1127177, 'Comma'], // inputs: MANY9
  [1126912, 'Name'], // inputs: OPTION
  [1126921, 'Comma'], // inputs: OPTION9
  [1131008, 'Equals'], // tensorDecl: OPTION
  [1134848, ['Name LSquare', 'LParen']], // outputs: OR
  [1135369, 'Comma'], // outputs: MANY9
  [1135113, 'Comma'], // outputs: OPTION9
  [1139465, 'Comma'], // tensorType: MANY9
  [1139200, 'Name'], // tensorType: OPTION
  [1139201, 'Name Ellipsis'], // tensorType: OPTION1
  [1139209, 'Comma'], // tensorType: OPTION9
  [1143040, ['Ellipsis', 'Name']], // axis: OR
  [1147392, 'Colon'], // sizedAxis: OPTION
  [1151753, 'Comma'], // requirements: MANY9
  [1151497, 'Comma'], // requirements: OPTION9
  [1155840, 'Name PrefixOperator String Number Return Assert False True For If Range LParen LSquare Terminator'], // body: MANY
  [1159680, 'Name PrefixOperator String Number Return Assert False True For If Range LParen LSquare'], // line: OPTION
  [1163520, ['LParen+Name Name+Equals', 'Return', 'For', 'If', 'Assert', 'Param+Name', 'Input+Name', 'Output+Name', 'Name PrefixOperator String Number False True Range LSquare LParen+PrefixOperator LParen+String LParen+Number LParen+False LParen+True LParen+Range LParen+LParen LParen+LSquare']], // statement: OR
  [1167616, ['Name', 'LParen']], // bind: OR
  [1168128, 'Comma'], // bind: MANY
  [1167872, 'Comma'], // bind: OPTION
  [1172224, 'Comma'], // returnStmt: MANY
  [1175808, ['Name', 'LParen']], // forStmt: OR
  [1180416, 'Else+If'], // ifStmt: MANY
  [1180160, 'Else'], // ifStmt: OPTION
  [1192448, 'From'], // inputStmt: OPTION
  [1196544, 'Equals'], // outputStmt: OPTION
  [1196545, 'Labels'], // outputStmt: OPTION1
  [1200640, 'Equals'], // mistakenValue: OPTION
  [1204736, 'Equals'], // condition: OPTION
  [1209344, 'Equals'], // mistakenEquals: AT_LEAST_ONE
  [1212672, ['Name PrefixOperator String Number False True LParen LSquare', 'Range']], // expression: OR
  [1213184, 'InfixOperator Range'], // expression: MANY
  [1216768, ['InfixOperator', 'Range']], // operation: OR
  [1221120, 'Name PrefixOperator String Number False True LParen LSquare'], // rangeEnd: OPTION
  [1225472, 'PrefixOperator'], // operand: MANY
  [1225473, 'LParen LSquare'], // operand: MANY1
  [1229056, ['LParen', 'LSquare']], // suffix: OR
  [1233673, 'Comma'], // call: MANY9
  [1233408, 'Name PrefixOperator String Number False True Range LParen LSquare'], // call: OPTION
  [1233417, 'Comma'], // call: OPTION9
  [1237504, 'Name+Colon'], // argument: OPTION
  [1237505, 'Arrow'], // argument: OPTION1
  [1241344, ['Name', 'LSquare']], // axisTarget: OR
  [1241865, 'Comma'], // axisTarget: MANY9
  [1241600, 'Name'], // axisTarget: OPTION
  [1241609, 'Comma'], // axisTarget: OPTION9
  [1249536, ['Number', 'String', 'True', 'False', 'Name', 'LParen', 'LSquare']], // primary: OR
  [1254153, 'Comma'], // group: MANY9
  [1253897, 'Comma'], // group: OPTION9
  [1258249, 'Comma'], // list: MANY9
  [1257984, 'Name PrefixOperator String Number False True Range LParen LSquare'], // list: OPTION
  [1257993, 'Comma'], // list: OPTION9
  [1262080, 'Name+Colon'], // listItem: OPTION
]);
