// Names for the seeds: first names and surnames as UK schools have them, and the chance that draws them.

/** Draws that are the same for the same seed. */
export type Chance = {
  /** A number from 0 up to, but not including, 1. */
  next(): number;
  /** A whole number from 0 to `below` - 1. */
  int(below: number): number;
  /** Whether something happens that happens `share` of the time (0 to 1). */
  is(share: number): boolean;
  /** One of the list, each as likely. */
  of<T>(list: readonly T[]): T;
};

export type Named = { readonly first_name: string; readonly surname: string };

export type Culture = {
  /** How many of a hundred families, or so. */
  readonly weight: number;
  readonly girls: readonly string[];
  readonly boys: readonly string[];
  readonly surnames: readonly string[];
  /** Both parents' surnames, as in Spain and Portugal. */
  readonly both?: true;
};

/** Mulberry32 (Tommy Ettinger, public domain): small, quick, and good enough for made-up people. */
export function openChance(seed: number): Chance {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
  function int(below: number): number {
    return Math.floor(next() * below);
  }
  return { next, int, is: (share) => next() < share, of: (list) => itemAt(list, int(list.length)) };
}

/** A name from the front of the list more often than from its end, as in life. */
export function drawName(chance: Chance, names: readonly string[]): string {
  return itemAt(names, Math.floor(chance.next() ** 1.5 * names.length));
}

/** A culture, as likely as its weight says. */
export function drawCulture(chance: Chance): Culture {
  let left = chance.next() * TOTAL;
  return CULTURES.find((culture) => (left -= culture.weight) < 0) ?? itemAt(CULTURES, 0);
}

/** The form that a woman or a girl has of a surname: Wiśniewski, Wiśniewska. */
export function feminine(surname: string): string {
  return surname.replace(/([sc]k)(i|yi)(?=$|[ -])/gu, "$1a");
}

/** A name in the small letters of an address: "O’Barley-Ñandú" gives obarley-nandu. */
function plainName(name: string): string {
  return name.normalize("NFKD").toLowerCase()
    .replace(/[łøđħŧıßæœ]/gu, (letter) => LETTERS[letter] ?? "")
    .replace(/[^a-z0-9-]/g, "") || "parent";
}

/** An address made of the person's name that is not taken, and is then. */
export function freeEmail(chance: Chance, person: Named, taken: Set<string>): string {
  const first = plainName(person.first_name);
  const last = plainName(person.surname);
  const forms = [`${first}.${last}`, `${first}${last}`, `${first.charAt(0)}.${last}`];
  forms.push(`${last}.${first}`, `${first}.${last}${70 + chance.int(30)}`);
  const form = chance.of(forms);
  const domain = chance.of(["example.org", "example.com"]);
  for (let number = 1;; number++) {
    const email = `${form}${number === 1 ? "" : number}@${domain}`;
    if (taken.has(email)) continue;
    taken.add(email);
    return email;
  }
}

/**
 * A username by the product's rule, which is then taken: the email; where that is taken, first.surname, then with a number.
 * @param email null also where another contact shares it
 */
export function freeUsername(
  person: Named,
  email: string | null,
  taken: Set<string>,
): string {
  const name = `${plainName(person.first_name)}.${plainName(person.surname)}`;
  let username = email ?? name;
  for (let number = 1; taken.has(username); number++) {
    username = number === 1 ? name : `${name}${number}`;
  }
  taken.add(username);
  return username;
}

/** Gives, for a share from 0 to 1, the position whose part of the whole it falls in. */
export function wheel(weights: readonly number[]): (share: number) => number {
  let total = 0;
  const ends = Float64Array.from(weights, (weight) => total += weight);
  return (share) => {
    const goal = share * total;
    let [low, high] = [0, ends.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] ?? 0) <= goal) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

const LETTERS: Readonly<Record<string, string>> = {
  "ł": "l",
  "ø": "o",
  "đ": "d",
  "ħ": "h",
  "ŧ": "t",
  "ı": "i",
  "ß": "ss",
  "æ": "ae",
  "œ": "oe",
};

function itemAt<T>(list: readonly T[], at: number): T {
  const item = list[at];
  if (item === undefined) {
    throw new RangeError(`There is no item ${at} in a list of ${list.length}.`);
  }
  return item;
}

function culture(weight: number, girls: string, boys: string, surnames: string): Culture {
  return { weight, girls: listed(girls), boys: listed(boys), surnames: listed(surnames) };
}

function listed(names: string): string[] {
  return names.trim().split(/,\s*/);
}

const ENGLISH = culture(
  38,
  `Olivia, Amelia, Isla, Ava, Lily, Ivy, Freya, Florence, Willow, Mia, Sophie, Emily, Grace, Isabelle, Poppy, Daisy,
  Evie, Phoebe, Charlotte, Sienna, Rosie, Alice, Ella, Ellie, Millie, Matilda, Elsie, Ruby, Jessica, Chloe, Lucy, Erin,
  Harriet, Imogen, Eliza, Holly, Molly, Abigail, Hannah, Georgia, Lola, Scarlett, Maisie, Eleanor, Martha, Beatrice,
  Bethany, Rebecca, Sarah, Emma, Claire, Joanne, Nicola, Louise, Rachel, Kelly, Lisa, Karen, Helen, Michelle, Tracey,
  Samantha, Victoria, Zoë, Chantelle, Mary-Kate, Anna-Louise, Gemma, Natalie, Stacey, Kirsty, Leanne, Heather, Jasmine,
  Paige, Amber, Lauren, Jodie, Naomi, Esther, Tabitha, Clementine, Ottilie, Persephone, Renée`,
  `Oliver, George, Noah, Arthur, Harry, Leo, Jack, Charlie, Oscar, Jacob, Henry, Thomas, Freddie, Alfie, Theo, William,
  Archie, Joshua, Alexander, James, Isaac, Edward, Lucas, Max, Ethan, Samuel, Joseph, Daniel, Toby, Finley, Logan, Mason,
  Harrison, Reuben, Sebastian, Elliot, Louis, Benjamin, Adam, Luke, Matthew, Callum, Jake, Ryan, Nathan, Connor, Tyler,
  Paul, David, Andrew, Mark, Stephen, Richard, Simon, Christopher, Darren, Lee, Wayne, Gary, Neil, Ian, Martin, Craig,
  Stuart, Kevin, Jason, Carl, Dean, Peter, Robert, Jonathan, Nicholas, Anthony, Tom, Billy-Joe, Jean-Paul, Winston,
  Delroy, Marcus, Jermaine, Barnaby, Rupert, Bartholomew, Zachary, Caleb`,
  `Smith, Jones, Taylor, Brown, Wilson, Johnson, Walker, Wright, Robinson, Thompson, White, Green, Hall, Wood, Harris,
  Clarke, Jackson, Turner, Hill, Moore, Cooper, Ward, Clark, Baker, Harrison, King, Lee, Allen, Martin, Watson, Parker,
  Bennett, Young, Richardson, Cook, Carter, Shaw, Bailey, Collins, Bell, Cox, Marshall, Foster, Mitchell, Simpson, Ellis,
  Adams, Wilkinson, Webb, Chapman, Palmer, Mills, Rogers, Gibson, Knight, Barnes, Dixon, Fletcher, Harvey, Butler, Hunt,
  Pearson, Holmes, Powell, Lloyd-Webber, Saunders, Matthews, Barker, Stevens, Fisher, Jenkins, Dawson, Atkinson, Reynolds,
  Barley, Ashworth, Bickerstaffe, Braithwaite, Birtwistle, Cholmondeley, Featherstonehaugh, Fairclough, Hargreaves,
  Higginbottom, Entwistle, Ramsbottom, Sidebotham, Satterthwaite, Thistlethwaite, Wolstenholme, Postlethwaite, Blenkinsop,
  Micklethwaite, Penhaligon, Trevithick, Tregenza, Pascoe, Nancarrow, Bolitho, Hawkins, Drake, Fenwick, Charlton, Hedley,
  Ridley, Robson, Milburn, Armstrong, Gill, Marsh, Burton, Lane, Bird, Nash, Peacock, Crabtree, Horsfall, Sutcliffe,
  Greenwood, Barraclough, Pickles, Akroyd, Feather, Hartley, Holdsworth, Whitaker, Lumb, Priestley, Nelson, Campbell,
  Francis, Gordon, Grant, Morrison, Reid, Henry, Bartlett, Skinner, Coombes, Gale, Hobbs, Loveday, Pope, Quick, Rowe,
  Smith-Barker, Taylor-Wood, Parker-Bowen, St John, de Vere, d’Arcy, Le Brun, Fitzgerald-Hunt, ffrench, Blythe, Swann`,
);

const CULTURES: readonly Culture[] = [
  ENGLISH,
  // Welsh
  culture(
    5,
    `Ffion, Carys, Cerys, Siân, Bethan, Nia, Eleri, Angharad, Mali, Efa, Lowri, Catrin, Rhiannon, Mair, Gwenllian, Nerys,
    Sioned, Myfanwy, Tegwen, Heledd`,
    `Rhys, Dylan, Owain, Gethin, Gareth, Huw, Ioan, Emyr, Iestyn, Macsen, Osian, Llŷr, Dafydd, Geraint, Gruffydd, Ieuan,
    Morgan, Evan, Aneurin, Siôn`,
    `Davies, Williams, Evans, Thomas, Roberts, Lewis, Hughes, Griffiths, Edwards, Owen, Llewellyn, Pritchard, Pryce-Jones,
    Bowen, Rees, Vaughan, Gwynne, ap Rhys, Parry, Probert, Prosser, Gruffydd, Llywelyn-Bowen, Maddocks`,
  ),
  // Scottish
  culture(
    4,
    `Eilidh, Ailsa, Mairi, Catriona, Iona, Skye, Morag, Fiona, Kirsty, Shona, Isla, Mhairi, Orla, Rowan, Elspeth, Una`,
    `Callum, Hamish, Angus, Fraser, Lewis, Ruaridh, Finlay, Duncan, Alasdair, Ewan, Rory, Blair, Struan, Cameron, Gregor`,
    `MacLeod, McDonald, Stewart, Robertson, Campbell, Murray, MacKenzie, Ross, Fraser, McGregor, Sinclair, Buchanan,
    Drummond, Farquharson, Urquhart, Menzies, Dalziel, McIntosh, Auchterlonie, Colquhoun, MacGille-Mhaoil`,
  ),
  // Irish
  culture(
    5,
    `Niamh, Saoirse, Aoife, Caoimhe, Róisín, Sinéad, Órla, Ciara, Gráinne, Siobhán, Clodagh, Máire, Bríd, Éabha, Fionnuala,
    Maeve, Deirdre, Nuala`,
    `Declan, Conor, Oisín, Cillian, Seán, Pádraig, Tadhg, Fionn, Darragh, Eoin, Ruairí, Séamus, Diarmuid, Brendan, Liam,
    Dónal, Cathal, Lorcan`,
    `Murphy, Kelly, O’Sullivan, Walsh, O’Brien, Byrne, Ryan, O’Connor, O’Neill, O’Reilly, Doyle, McCarthy, Gallagher,
    Doherty, Kennedy, Lynch, Ó Dálaigh, Ní Bhriain, Fitzgerald, Brennan, O'Shaughnessy, O'Hara, Mac Giolla Phádraig,
    O’Donoghue`,
  ),
  // Polish
  culture(
    5,
    `Zuzanna, Zofia, Julia, Maja, Hanna, Lena, Oliwia, Agnieszka, Katarzyna, Małgorzata, Joanna, Magdalena, Ewa, Aleksandra,
    Wiktoria, Natalia, Ola, Żaneta, Bożena, Paulina`,
    `Jakub, Antoni, Jan, Szymon, Filip, Kacper, Łukasz, Paweł, Marcin, Michał, Tomasz, Krzysztof, Piotr, Wojciech, Mateusz,
    Bartosz, Grzegorz, Sławomir, Zbigniew, Świętosław`,
    `Nowak, Kowalski, Wiśniewski, Wójcik, Kowalczyk, Kamiński, Lewandowski, Zieliński, Szymański, Woźniak, Dąbrowski,
    Kozłowski, Jankowski, Mazur, Krawczyk, Piotrowski, Grabowski, Pawłowski, Michalski, Król, Wieczorek, Wróbel, Jabłoński,
    Brzęczyszczykiewicz`,
  ),
  // Romanian
  culture(
    4,
    `Maria, Ioana, Andreea, Elena, Ștefania, Alexandra, Gabriela, Mihaela, Ana-Maria, Roxana, Daria, Sofia, Antonia, Raluca,
    Crina, Cătălina`,
    `Andrei, Ștefan, Matei, David, Ion, Gheorghe, Mihai, Alexandru, Ionuț, Răzvan, Bogdan, Vlad, Luca, Cătălin, Florin,
    Darius`,
    `Popescu, Ionescu, Popa, Radu, Dumitru, Stan, Stoica, Gheorghe, Matei, Ciobanu, Rusu, Munteanu, Constantinescu, Șerban,
    Țurcanu, Lăcătuș, Moldoveanu, Drăgulescu, Bălan, Câmpeanu`,
  ),
  // Punjabi
  culture(
    4,
    `Simran, Jasleen, Harleen, Gurpreet, Manpreet, Kiran, Navneet, Rajwinder, Amrit, Jasmeet, Parminder, Sukhdeep,
    Balvinder, Kulwinder`,
    `Arjan, Harpreet, Gurdeep, Jaspal, Manjit, Ranjit, Sukhwinder, Amandeep, Baldev, Hardeep, Jagjit, Kuldip, Satnam,
    Tejinder`,
    `Singh, Kaur Gill, Dhillon, Sandhu, Sidhu, Grewal, Bains, Johal, Dhaliwal, Sahota, Bhogal, Virdee, Matharu, Atwal,
    Sangha, Purewal`,
  ),
  // Urdu
  culture(
    6,
    `Aisha, Fatima, Zainab, Maryam, Hafsa, Khadija, Sana, Noor, Iqra, Amna, Zara, Rabia, Saima, Nadia, Shazia, Rukhsana,
    Bushra, Humaira, Umm-e-Kulsoom, Inaya`,
    `Muhammad, Ali, Hamza, Ibrahim, Yusuf, Bilal, Usman, Hassan, Zain, Imran, Tariq, Asif, Kamran, Shahid, Nadeem, Adeel,
    Muhammad-Yusuf, Syed Haider, Faisal, Waqas`,
    `Khan, Hussain, Ahmed, Ali, Malik, Mahmood, Iqbal, Akhtar, Shah, Butt, Qureshi, Chaudhry, Mirza, Siddiqui, Sheikh,
    Rafiq, Raja, Bhatti, Aslam, Zafar`,
  ),
  // Bengali
  culture(
    4,
    `Nusrat, Tahmina, Sumaiya, Farhana, Jannat, Sadia, Rahima, Nasima, Shirin, Afia, Mehjabin, Tasnim, Ayesha, Rupa`,
    `Rahim, Tanvir, Mahbub, Shahin, Rafi, Arif, Kamal, Jubayer, Nazmul, Abdul Karim, Mizanur, Sajid, Anisur, Shakil`,
    `Begum, Miah, Uddin, Rahman, Islam, Chowdhury, Ali, Khatun, Haque, Hossain, Alam, Das, Mukherjee, Chattopadhyay,
    Bandyopadhyay, Sarkar`,
  ),
  // Gujarati
  culture(
    4,
    `Priya, Anika, Diya, Hetal, Bhavna, Nisha, Krupa, Mira, Jigna, Rekha, Kavita, Dipti, Riya, Urvashi`,
    `Dev, Krish, Jay, Nikhil, Hitesh, Bharat, Kunal, Rohan, Chirag, Mitesh, Sanjay, Vijay, Ishaan, Dhruv`,
    `Patel, Shah, Desai, Mehta, Joshi, Parmar, Solanki, Trivedi, Amin, Bhatt, Chauhan, Pandya, Modi, Thakkar, Mistry,
    Dave`,
  ),
  // Tamil
  culture(
    2,
    `Lakshmi, Meena, Kavitha, Thulasi, Abirami, Sangeetha, Dharshini, Yazhini, Priyanka, Nithya`,
    `Arun, Karthik, Sivakumar, Vignesh, Pranav, Suresh, Kumaran, Aravind, Gokul, Mathan`,
    `Raghunathan, Venkatasubramanian, Sivasubramaniam, Balasubramaniam, Nadarajah, Thillainathan, Jeyakumar, Krishnamurthy,
    Kandasamy, Selvarajah, Raghunathan-Pillai, Wijeyesekera`,
  ),
  // Yoruba
  culture(
    3,
    `Oluwaseun, Adébọ́lá, Temitope, Folasade, Yetunde, Bisi, Morẹ́nikẹ́, Tiwa, Ayomide, Damilola, Simisola, Titilayo, Kemi,
    Ìyábọ̀`,
    `Tunde, Olumide, Babatunde, Kehinde, Taiwo, Femi, Tobi, Ṣẹ́gun, Adewale, Ayodele, Oluwatobiloba, Dapo, Gbenga, Kolá`,
    `Adeyemi, Okunola, Balogun, Ogunleye, Adebayo, Afolabi, Bello, Olatunji, Adékúnlé, Oyelaran, Ajayi, Oluwafunmilayo,
    Akinwande, Ṣóyínká, Fashola, Omotoso`,
  ),
  // Igbo
  culture(
    2,
    `Chiamaka, Ngozi, Adaeze, Ifeoma, Chidinma, Nneka, Amarachi, Uchechi, Obiageli, Kosisochukwu`,
    `Chukwuemeka, Obinna, Ikenna, Chidi, Emeka, Kelechi, Uchenna, Nnamdi, Tobechukwu, Ifeanyi`,
    `Okafor, Okonkwo, Eze, Nwosu, Obi, Nwachukwu, Onyekachi, Okeke, Chukwu, Ibekwe, Nwankwo, Anyanwu`,
  ),
  // Akan
  culture(
    3,
    `Ama, Akosua, Abena, Afia, Adwoa, Yaa, Efua, Esi, Serwaa, Nana Ama, Maame, Araba`,
    `Kofi, Kwame, Kwabena, Yaw, Kojo, Kwasi, Kwaku, Ebo, Nana Kwame, Kobina, Ekow, Papa Yaw`,
    `Boateng, Mensah, Owusu, Asante, Osei, Appiah, Agyemang, Amoah, Acheampong, Opoku, Boakye, Darko, Frimpong, Sarpong,
    Ofori-Atta, Asamoah-Gyan`,
  ),
  // Somali
  culture(
    2.5,
    `Hodan, Ifrah, Sagal, Hibo, Ayaan, Fadumo, Sahra, Deqa, Nasteexo, Xalimo, Amina, Idil`,
    `Abdi, Liban, Guled, Mahad, Abdirahman, Yusuf, Warsame, Ismail, Faarax, Xasan, Mohamud, Zakariye`,
    `Mohamed, Ali, Abdi, Hassan, Warsame, Farah, Osman, Jama, Abdullahi, Nur, Hersi, Duale, Xuseen, Yusuf`,
  ),
  // Arabic
  culture(
    3,
    `Fatima, Leila, Nour, Hala, Rania, Salma, Yasmin, Huda, Mariam, Dalal, Rasha, Amira, Nadine, Sumaya`,
    `Omar, Yusuf, Karim, Khalid, Ahmad, Sami, Tarek, Abd al-Rahman, Ziad, Nabil, Mustafa, Anas, Rami, Bashar`,
    `al-Rashid, Haddad, El-Sayed, Mansour, Al-Jabouri, Khoury, Ben Ali, Nasser, Saleh, al-Hashimi, Darwish, Abu Bakr,
    El Idrissi, Benhaddou, Abd el-Malek, Shaheen`,
  ),
  // Turkish
  culture(
    2,
    `Ayşe, Elif, Zeynep, Gülay, Özlem, Çiğdem, Şule, Defne, Esra, Büşra, Nurgül, Işıl`,
    `Mehmet, Emre, Yiğit, Can, Hüseyin, Çağlar, Ömer, Barış, Kerem, Uğur, Tuğrul, Deniz`,
    `Yılmaz, Kaya, Demir, Şahin, Çelik, Yıldız, Öztürk, Aydın, Arslan, Doğan, Kılıç, Gündoğdu, Karagözoğlu, Güneş`,
  ),
  // Portuguese
  {
    ...culture(
      2.5,
      `Inês, Beatriz, Mariana, Leonor, Matilde, Conceição, Fátima, Joana, Luísa, Catarina, Graça, Íris`,
      `João, Tiago, Diogo, Gonçalo, Rui, Nuno, Afonso, Simão, José, Luís, Zé Pedro, Vítor`,
      `Silva, Santos, Ferreira, Pereira, Oliveira, Costa, Rodrigues, Gonçalves, da Conceição, Simões, Araújo, Magalhães,
      dos Santos, de Sousa, Guimarães, Falcão`,
    ),
    both: true,
  },
  // Spanish
  {
    ...culture(
      1.5,
      `Lucía, Sofía, María José, Carmen, Inés, Begoña, Pilar, Ángela, Ximena, Itziar, Valentina, Rocío`,
      `Martín, Hugo, José María, Álvaro, Íñigo, Andrés, Joaquín, Raúl, Javier, Óscar, Tomás, Xavi`,
      `García, Rodríguez, Martínez, Hernández, López, Pérez, Núñez, Muñoz, Ibáñez, de la Fuente, Echeverría, Güell,
      Peña, Zúñiga`,
    ),
    both: true,
  },
  // French
  culture(
    1,
    `Camille, Léa, Chloé, Élodie, Anaïs, Maëlys, Hélène, Océane, Marie-Claire, Aïcha, Noémie, Gaëlle`,
    `Théo, Loïc, Raphaël, Jérôme, Gaëtan, Étienne, François, Jean-Baptiste, Noël, Benoît, Rémi, Hervé`,
    `Dubois, Lefèvre, Moreau, Laurent, Gauthier, D’Almeida, L’Hôte, Beauséjour, de La Tour, Mbappé-Kouassi, Tshibanda,
    Nkurunziza, Ngoyi-Mukendi, Crèvecœur`,
  ),
  // Vietnamese
  culture(
    1,
    `Thị Minh, Ngọc Anh, Thu Hà, Bích, Phương Linh, Thùy Dương, Mai, Quỳnh, Hồng Nhung, Yến`,
    `Gia Bảo, Minh Đức, Quang Huy, Tuấn, Hoàng Long, Đình Phúc, Việt, Khôi, Thành, Sơn`,
    `Nguyễn, Trần, Lê, Phạm, Huỳnh, Hoàng, Vũ, Đặng, Bùi, Đỗ`,
  ),
  // Chinese, romanised
  culture(
    1.5,
    `Mei Ling, Xiu Ying, Wai Yee, Jia Yi, Hui Min, Lüying, Ka Man, Yan Ting, Siu Fong, Xinyi`,
    `Jun Wei, Ka Ho, Wing Kit, Zihan, Chun Yin, Haoran, Tsz Hin, Yu Xuan, Chi Keung, Lok Hei`,
    `Chan, Wong, Cheung, Li, Zhang, Chen, Lau, Ng, Ho, Au-Yeung, Szeto, Ouyang, Lü, Xu`,
  ),
  // Ukrainian, romanised
  culture(
    2,
    `Oksana, Solomiia, Daryna, Nataliia, Kateryna, Yuliia, Zlata, Svitlana, Mariana, Polina, Liubov, Anhelina`,
    `Oleksandr, Dmytro, Andrii, Bohdan, Taras, Mykola, Yaroslav, Maksym, Danylo, Vasyl, Serhii, Ostap`,
    `Shevchenko, Kovalenko, Bondarenko, Tkachenko, Kravchuk, Melnyk, Lysenko, Zelinskyi, Khmelnytskyi, Hrytsenko,
    Ponomarenko, Savchuk, Hnatiuk, Zabolotnyi`,
  ),
];

const TOTAL = CULTURES.reduce((sum, { weight }) => sum + weight, 0);
