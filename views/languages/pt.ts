// Portuguese, as it is written in Portugal.

import type { Sentences } from "./en.ts";

export const SENTENCES: Sentences = {
  dear: "Olá, {name},",
  ring: "ligue para a secretaria da escola: {phone}",
  ask: "contacte a secretaria da escola",
  didNotAsk: "Se não pediu isto, {turn}.",
  address: "Endereço",
  username: "Nome de utilizador",
  password: "Palavra-passe",
  detailsSubject: "Os seus dados de acesso ao Parent Portal de {school}",
  detailsIntro:
    "Estes são os seus dados de acesso ao Parent Portal de {school}: o endereço (Address), o nome de utilizador (Username) e a palavra-passe (Password).",
  detailsAfter:
    "A palavra-passe é válida durante {days} dia(s). Quando entrar pela primeira vez, escolhe a sua. A palavra-passe anterior já não funciona.",
  detailsHelp: "Se não esperava esta mensagem ou não consegue entrar, {turn}.",
  phoneRemovedSubject: "O seu telefone foi retirado do Parent Portal de {school}",
  phoneRemoved:
    "Em {at}, a secretaria da escola retirou o telefone com que entrava no Parent Portal de {school}. As chaves de acesso (passkeys) desse telefone também já não funcionam. Quando entrar da próxima vez, configura de novo a autenticação de dois fatores. A sua palavra-passe é a mesma.",
  passkeysRemovedSubject: "As suas chaves de acesso foram retiradas do Parent Portal de {school}",
  passkeysRemoved:
    "Em {at}, a secretaria da escola retirou as chaves de acesso (passkeys) com que entrava no Parent Portal de {school}. Agora entra com o nome de utilizador e a palavra-passe. A sua palavra-passe é a mesma.",
  passkeyAddedSubject: "Foi adicionada uma chave de acesso ao Parent Portal de {school}",
  passkeyAdded:
    "Em {at}, foi adicionada à sua conta do Parent Portal de {school} uma chave de acesso (passkey) com o nome «{passkey}». Quem tiver esse dispositivo e o puder desbloquear pode entrar na sua conta.",
  passkeyNotYou: "Se não foi você, {turn}, e mude a sua palavra-passe.",
  recoveryCodesSubject: "Novos códigos de recuperação do Parent Portal de {school}",
  recoveryCodes:
    "Em {at}, foram criados novos códigos de recuperação para a sua conta do Parent Portal de {school}. Os códigos de recuperação que tinha antes já não funcionam.",
  passkeyRemovedSubject: "Foi retirada uma chave de acesso do Parent Portal de {school}",
  passkeyRemoved:
    "Em {at}, foi retirada da sua conta do Parent Portal de {school} a chave de acesso (passkey) com o nome «{passkey}». Já não abre o portal.",
  tfaSetUpSubject: "A autenticação de dois fatores foi configurada no Parent Portal de {school}",
  tfaSetUp:
    "Em {at}, foi configurada a autenticação de dois fatores da sua conta do Parent Portal de {school}. Para entrar é agora preciso, além da palavra-passe, um código da aplicação com que foi configurada.",
  tfaOffSubject: "A autenticação de dois fatores foi desativada no Parent Portal de {school}",
  tfaOff:
    "Em {at}, a secretaria da escola desativou a autenticação de dois fatores da sua conta do Parent Portal de {school}. Para entrar basta a palavra-passe.",
  passwordChangedSubject: "A sua palavra-passe do Parent Portal de {school} foi mudada",
  passwordChanged:
    "Em {at}, foi escolhida uma nova palavra-passe para a sua conta do Parent Portal de {school}. Tem de entrar de novo em todos os seus dispositivos.",
  passwordNotYou:
    "Se foi você, não tem de fazer nada. Se não foi, {turn}, e escolha uma nova palavra-passe:",
  letterSubject: "Uma carta com um novo código para o Parent Portal de {school}",
  letter:
    "Em {at}, a secretaria da escola imprimiu uma carta com um novo código para a sua conta do Parent Portal de {school}. A palavra-passe anterior já não funciona.",
  linkSubject: "Escolha uma nova palavra-passe para o Parent Portal de {school}",
  link:
    "Alguém, provavelmente você, pediu uma nova palavra-passe para o nome de utilizador {username}. Para a escolher, abra esta ligação:",
  linkUntil:
    "A ligação funciona uma só vez, até {until}. Se entra com um código do telefone, ele é pedido como sempre.",
  linkIgnore:
    "Se não pediu isto, não faça nada: a sua palavra-passe fica igual. Se voltar a acontecer, {turn}.",
  usernamesSubject: "O seu nome de utilizador do Parent Portal de {school}",
  usernameOne: "Este é o seu nome de utilizador do Parent Portal de {school}:",
  usernameMany:
    "Estes são os nomes de utilizador do Parent Portal de {school} que têm este endereço de e-mail:",
  usernamesSignIn: "Entre, ou escolha uma nova palavra-passe, aqui:",
  usernamesIgnore: "Se não pediu isto, não tem de fazer nada. Se voltar a acontecer, {turn}.",
  tfaRequiredSubject:
    "A autenticação de dois fatores passou a ser obrigatória no Parent Portal de {school}",
  tfaRequired:
    "Quando entrar da próxima vez no Parent Portal de {school}, configura um código com uma aplicação do telefone. A secretaria da escola tornou isso obrigatório em {at}.",
  tfaQuestion: "Se tiver alguma pergunta, {turn}.",
  tfaNotRequiredSubject:
    "A autenticação de dois fatores já não é obrigatória no Parent Portal de {school}",
  tfaNotRequired:
    "Desde {at}, já não é obrigatório um código do telefone para a sua conta do Parent Portal de {school}. Para entrar basta a palavra-passe.",
  changedSubject: "A sua conta do Parent Portal de {school} foi alterada",
  changed:
    "Em {at}, a secretaria da escola alterou uma conta do Parent Portal de {school}. Nome: {name}. Nome de utilizador: {username}.",
  changedNoEmail: "A conta já não tem endereço de e-mail.",
  changedEmail: "As mensagens são agora enviadas para outro endereço de e-mail: {email}.",
  changedUsername: "O novo nome de utilizador é: {username}.",
  changedPassword: "A secretaria da escola definiu uma nova palavra-passe.",
  mergedSubject: "Tem agora uma só conta no Parent Portal de {school}",
  merged:
    "Em {at}, a secretaria da escola juntou as suas duas contas do Parent Portal de {school}. A conta com o nome de utilizador {username} está fechada.",
  mergedKept:
    "A partir de agora, entre com a sua outra conta, {kept}, e a palavra-passe dela. Mostra os alunos das duas.",
  mergedHelp: "Se não esperava isto ou não tem a outra conta, {turn}.",
  languageSaved: "A partir de agora escrevemos-lhe em português.",
};
